"""What the demo puts around the suite: a provisioned service, its credentials, and the sample service itself."""
