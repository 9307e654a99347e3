"""Each operation against a client whose answers the test makes up."""
