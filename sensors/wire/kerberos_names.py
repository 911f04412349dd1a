"""Numbers of Kerberos 5 by name, and its times.

RFC 4120 §7.5, RFC 3961, RFC 4556, RFC 6113, RFC 8009, MS-KILE.
"""

from __future__ import annotations

from typing import Final

CIPHERS: Final = {
    1: "des-cbc-crc", 2: "des-cbc-md4", 3: "des-cbc-md5", 5: "des3-cbc-md5", 7: "des3-cbc-sha1",
    9: "dsaWithSHA1-CmsOID", 10: "md5WithRSAEncryption-CmsOID", 11: "sha1WithRSAEncryption-CmsOID",
    12: "rc2CBC-EnvOID", 13: "rsaEncryption-EnvOID", 14: "rsaES-OAEP-ENV-OID",
    15: "des-ede3-cbc-Env-OID", 16: "des3-cbc-sha1-kd", 17: "aes128-cts-hmac-sha1-96",
    18: "aes256-cts-hmac-sha1-96", 19: "aes128-cts-hmac-sha256-128",
    20: "aes256-cts-hmac-sha384-192", 23: "rc4-hmac", 24: "rc4-hmac-exp",
    25: "camellia128-cts-cmac", 26: "camellia256-cts-cmac", 65: "subkey-keymaterial",
    -128: "rc4-md4", -133: "rc4-hmac-old", -135: "rc4-hmac-old-exp",
}  # fmt: skip
WEAK: Final = frozenset({1, 2, 3, 5, 7, 16, 23, 24, -128, -133, -135})  # DES, 3DES, RC4

_KDC: Final = (
    "NONE", "NAME_EXP", "SERVICE_EXP", "BAD_PVNO", "C_OLD_MAST_KVNO", "S_OLD_MAST_KVNO",
    "C_PRINCIPAL_UNKNOWN", "S_PRINCIPAL_UNKNOWN", "PRINCIPAL_NOT_UNIQUE", "NULL_KEY",
    "CANNOT_POSTDATE", "NEVER_VALID", "POLICY", "BADOPTION", "ETYPE_NOSUPP", "SUMTYPE_NOSUPP",
    "PADATA_TYPE_NOSUPP", "TRTYPE_NOSUPP", "CLIENT_REVOKED", "SERVICE_REVOKED", "TGT_REVOKED",
    "CLIENT_NOTYET", "SERVICE_NOTYET", "KEY_EXPIRED", "PREAUTH_FAILED", "PREAUTH_REQUIRED",
    "SERVER_NOMATCH", "MUST_USE_USER2USER", "PATH_NOT_ACCEPTED", "SVC_UNAVAILABLE",
)  # fmt: skip
_AP: Final = (
    "BAD_INTEGRITY", "TKT_EXPIRED", "TKT_NYV", "REPEAT", "NOT_US", "BADMATCH", "SKEW", "BADADDR",
    "BADVERSION", "MSG_TYPE", "MODIFIED", "BADORDER", "ILL_CR_TKT", "BADKEYVER", "NOKEY",
    "MUT_FAIL", "BADDIRECTION", "METHOD", "BADSEQ", "INAPP_CKSUM",
)  # fmt: skip
_KEYS: Final = (
    "WRONG_REALM", "AP_USER_TO_USER_REQUIRED", "CANT_VERIFY_CERTIFICATE", "INVALID_CERTIFICATE",
    "REVOKED_CERTIFICATE", "REVOCATION_STATUS_UNKNOWN", "REVOCATION_STATUS_UNAVAILABLE",
    "CLIENT_NAME_MISMATCH", "KDC_NAME_MISMATCH",
)  # fmt: skip

ERRORS: Final = {
    **{number: f"KDC_ERR_{name}" for number, name in enumerate(_KDC)},
    **{number: f"KRB_AP_ERR_{name}" for number, name in enumerate(_AP, 31)},
    **{number: f"KDC_ERR_{name}" for number, name in enumerate(_KEYS, 68)},
    51: "KRB_AP_PATH_NOT_ACCEPTED",
    52: "KRB_ERR_RESPONSE_TOO_BIG",
    60: "KRB_ERR_GENERIC",
    61: "KRB_ERR_FIELD_TOOLONG",
    62: "KDC_ERROR_CLIENT_NOT_TRUSTED",
    63: "KDC_ERROR_KDC_NOT_TRUSTED",
    64: "KDC_ERROR_INVALID_SIG",
    65: "KDC_ERR_KEY_TOO_WEAK",
    66: "KDC_ERR_CERTIFICATE_MISMATCH",
    67: "KRB_AP_ERR_NO_TGT",
    69: "KRB_AP_ERR_USER_TO_USER_REQUIRED",
}

PADATA: Final = {
    1: "PA-TGS-REQ", 2: "PA-ENC-TIMESTAMP", 3: "PA-PW-SALT", 11: "PA-ETYPE-INFO",
    14: "PA-PK-AS-REQ_OLD", 15: "PA-PK-AS-REP_OLD", 16: "PA-PK-AS-REQ", 17: "PA-PK-AS-REP",
    19: "PA-ETYPE-INFO2", 20: "PA-SVR-REFERRAL-INFO", 128: "PA-PAC-REQUEST", 129: "PA-FOR-USER",
    130: "PA-FOR-X509-USER", 133: "PA-FX-COOKIE", 136: "PA-FX-FAST", 137: "PA-FX-ERROR",
    138: "PA-ENCRYPTED-CHALLENGE", 149: "PA-REQ-ENC-PA-REP", 165: "PA-SUPPORTED-ENCTYPES",
    167: "PA-PAC-OPTIONS",
}  # fmt: skip


def date(words: str | None) -> str | None:
    """A KerberosTime (`20370913024805Z`) as a date; None where it is none."""
    words = words or ""
    if len(words) != 15 or words[14] != "Z" or not (words[:14].isascii() and words[:14].isdigit()):
        return None
    if not ("01" <= words[4:6] <= "12" and "01" <= words[6:8] <= "31" and words[:4] >= "1970"):
        return None
    return (
        f"{words[:4]}-{words[4:6]}-{words[6:8]}T{words[8:10]}:{words[10:12]}:{words[12:14]}.000000Z"
    )
