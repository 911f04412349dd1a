"""The deeds of an intruder as traffic: one function a step, each returning what it touched.

Modelled on how these look in published captures: phishing by redirect, a program under the name of
a picture, an implant that calls home each minute with jitter, a connect scan of the common tools,
password guessing at a few tries a second, remote execution by service, dnscat2-like DNS, one long
upload. No parameter is fitted to a detector.
"""
