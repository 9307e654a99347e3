"""Against real servers, which script/servers fetches."""
