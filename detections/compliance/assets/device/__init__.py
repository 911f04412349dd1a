"""Network and security devices, judged from the text of their configuration, offline."""
