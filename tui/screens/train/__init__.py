"""The Train screen: the form, the chart, the leaderboard."""
