"""Small widgets that draw lines of inked text; none of them knows a dataset or a model."""
