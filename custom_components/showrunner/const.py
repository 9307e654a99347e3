"""Names that more than one room of the house uses."""

from typing import Final

DOMAIN: Final = "showrunner"
# What an event entity shows, on Home Assistant's bus: for the sentences in Activity.
EVENT_HAPPENED: Final = "showrunner_event"

# Subentry types (INTERFACE: config flow); those of services stand in their specs.
VIEWER: Final = "viewer"
# Makes nothing: the menu that leads from one service to the next.
SETUP: Final = "setup"

# Data of the entry and its subentries.
CONF_WEBHOOK_ID: Final = "webhook_id"
CONF_ADD_WEBHOOK: Final = "add_webhook"
CONF_USER_ID: Final = "user_id"
CONF_USER_NAME: Final = "user_name"
CONF_PERMANENT_FOLDERS: Final = "permanent_folders"
CONF_PATH_MAP: Final = "path_map"
CONF_QUOTA_GB: Final = "quota_gb"
CONF_PRIVATE_KEY: Final = "private_key"
CONF_PASSPHRASE: Final = "passphrase"  # noqa: S105  a field's name
CONF_ENGINE: Final = "engine"
CONF_HOST_KEY: Final = "host_key"
CONF_REMOTE_PATH: Final = "remote_path"
CONF_LOCAL_PATH: Final = "local_path"
CONF_IMPORT_PATH: Final = "import_path"
CONF_FOLDER_MARK: Final = "folder_mark"
CONF_TOPIC: Final = "topic"
CONF_TARGET: Final = "target"
CONF_EVENTS: Final = "events"
CONF_VIEWER: Final = "viewer"
CONF_PRIORITY: Final = "priority"
CONF_MAY_DOWNLOAD: Final = "may_download"
CONF_COUNTS_FOR_CLEANUP: Final = "counts_for_cleanup"
CONF_PRIMARY: Final = "primary"

# Sections of the options.
OPT_PAUSED_VIEWERS: Final = "paused_viewers"
OPT_WATCHING: Final = "watching"
OPT_DOWNLOADS: Final = "downloads"
OPT_SAFETY: Final = "safety"
OPT_NOTIFICATIONS: Final = "notifications"
OPT_SEEDBOX: Final = "seedbox"
