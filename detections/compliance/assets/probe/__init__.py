"""Services probed over the network, politely and with leave: SSH, TLS and HTTP (evidence level E4)."""
