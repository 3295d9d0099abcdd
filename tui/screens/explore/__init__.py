"""The Explore screen: the latent space as a map, neighbours and clusters."""
