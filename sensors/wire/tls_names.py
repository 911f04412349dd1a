"""Words for the numbers of TLS: versions, named groups and alerts (RFC 8446, 8422, 7919; GB/T 38636)."""

from __future__ import annotations

from typing import Final

TLS13: Final = 0x0304
TLCP: Final = 0x0101
DTLS: Final = frozenset({0xFEFF, 0xFEFD, 0xFEFC, 0x0100})
# Number on the wire: protocol and version.
VERSIONS: Final = {
    0x0002: ("ssl", "2.0"),
    0x0300: ("ssl", "3.0"),
    0x0301: ("tls", "1.0"),
    0x0302: ("tls", "1.1"),
    0x0303: ("tls", "1.2"),
    TLS13: ("tls", "1.3"),
    TLCP: ("tlcp", "1.1"),
    0x0100: ("dtls", "1.0"),  # OpenSSL before 0.9.8f
    0xFEFF: ("dtls", "1.0"),
    0xFEFD: ("dtls", "1.2"),
    0xFEFC: ("dtls", "1.3"),
}
GROUPS: Final = {
    1: "sect163k1", 2: "sect163r1", 3: "sect163r2", 4: "sect193r1", 5: "sect193r2",
    6: "sect233k1", 7: "sect233r1", 8: "sect239k1", 9: "sect283k1", 10: "sect283r1",
    11: "sect409k1", 12: "sect409r1", 13: "sect571k1", 14: "sect571r1", 15: "secp160k1",
    16: "secp160r1", 17: "secp160r2", 18: "secp192k1", 19: "secp192r1", 20: "secp224k1",
    21: "secp224r1", 22: "secp256k1", 23: "secp256r1", 24: "secp384r1", 25: "secp521r1",
    26: "brainpoolP256r1", 27: "brainpoolP384r1", 28: "brainpoolP512r1", 29: "x25519", 30: "x448",
    41: "curveSM2", 256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096", 259: "ffdhe6144",
    260: "ffdhe8192", 512: "MLKEM512", 513: "MLKEM768", 514: "MLKEM1024",
    4587: "SecP256r1MLKEM768", 4588: "X25519MLKEM768", 4589: "SecP384r1MLKEM1024",
    25497: "X25519Kyber768Draft00", 25498: "SecP256r1Kyber768Draft00",
}  # fmt: skip
ALERTS: Final = {
    0: "close_notify", 1: "end_of_early_data", 10: "unexpected_message", 20: "bad_record_mac",
    21: "decryption_failed", 22: "record_overflow", 30: "decompression_failure",
    40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied",
    50: "decode_error", 51: "decrypt_error", 52: "too_many_cids_requested",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security",
    80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
    100: "no_renegotiation", 109: "missing_extension", 110: "unsupported_extension",
    111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value",
    115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
    121: "ech_required", 200: "unsupported_site2site", 201: "no_area", 202: "unsupported_areatype",
    203: "bad_ibcparam", 204: "unsupported_ibcparam", 205: "identity_need",
}  # fmt: skip


def protocol_version(number: int) -> tuple[str, str] | None:
    """Protocol and version of a number on the wire, drafts of TLS 1.3 as 1.3; None where unknown."""
    if number >> 8 in {0x7F, 0xFB}:  # drafts, and Facebook's
        return VERSIONS[TLS13]
    return VERSIONS.get(number)


def is_grease(number: int) -> bool:
    """Whether a number is there to be ignored (RFC 8701): 0x0A0A, 0x1A1A, … 0xFAFA."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF
