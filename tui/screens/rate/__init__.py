"""The Rate screen: questions, stars, and the recommendations that move with them."""
