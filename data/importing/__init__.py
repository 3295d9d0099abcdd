"""Taking in a person's own ratings from the exports of other sites."""
