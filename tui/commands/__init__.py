"""The command line without a screen: the same code as the screens, for scripts and over SSH."""
