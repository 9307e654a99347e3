"""Fetching a release over SFTP: whole, or not at all.

Everything here runs in the thread of the SFTP client, and what touches the disk in threads of its
own. Nothing lies under a final name before all of it is there, was compared with the remote and is
on the disk.
"""
