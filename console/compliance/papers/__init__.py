"""Papers of a filed system: reports, lists, OSCAL documents, the pack of evidence."""
