"""The config, options, reauthentication and subentry flows, one module a service."""
