"""Traffic for drills: hosts, frames, conversations and the protocols of an office network.

Application messages that scapy knows are its layers (DNS, SMB2, NTLM, SNMP, NTP); frames and TCP are
written directly, so that a capture of 100,000 packets takes seconds. Nothing here ever sends: the
only output is a file.
"""
