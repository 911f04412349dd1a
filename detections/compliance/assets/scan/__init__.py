"""Results of other scanners: OpenSCAP, Lynis, Wazuh SCA."""
