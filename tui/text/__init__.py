"""Text before any widget draws it: styled lines, figures in words, characters."""
