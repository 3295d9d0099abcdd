"""The Import screen: what an export would change, before anything is written."""
