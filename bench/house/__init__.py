"""A whole house at full size: simulated services, a probe inside Home Assistant, the stages."""
