"""ISAKMP messages of IKE version 1 and 2: payloads, proposals and what was chosen of them.

Names are those that Suricata's `ike` records use. Defined in RFC 2408, RFC 2409 and RFC 7296.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

PAYLOADS1: Final = {
    1: "SecurityAssociation", 2: "Proposal", 3: "Transform", 4: "KeyExchange",
    5: "Identification", 6: "Certificate", 7: "CertificateRequest", 8: "Hash", 9: "Signature",
    10: "Nonce", 11: "Notification", 12: "Delete", 13: "VendorID", 15: "SaKekPayload",
    16: "SaTekPayload", 17: "KeyDownload", 18: "SequenceNumber", 19: "ProofOfPossession",
    20: "NatDiscovery", 21: "NatOriginalAddress", 22: "GroupAssociatedPolicy",
}  # fmt: skip
PAYLOADS2: Final = {
    0: "NoNextPayload", 33: "SecurityAssociation", 34: "KeyExchange", 35: "IdentInitiator",
    36: "IdentResponder", 37: "Certificate", 38: "CertificateRequest", 39: "Authentication",
    40: "Nonce", 41: "Notify", 42: "Delete", 43: "VendorID", 44: "TrafficSelectorInitiator",
    45: "TrafficSelectorResponder", 46: "EncryptedAndAuthenticated", 47: "Configuration",
    48: "ExtensibleAuthentication", 53: "EncryptedAndAuthenticatedFragment",
}  # fmt: skip
_ENC1: Final = ("", "EncDesCbc", "EncIdeaCbc", "EncBlowfishCbc", "EncRc5R16B64Cbc",
                "EncTripleDesCbc", "EncCastCbc", "EncAesCbc", "EncCamelliaCbc")  # fmt: skip
_HASH1: Final = ("", "HashMd5", "HashSha", "HashTiger", "HashSha2_256", "HashSha2_384",
                 "HashSha2_512")  # fmt: skip
_AUTH1: Final = {
    1: "AuthPreSharedKey", 2: "AuthDssSignatures", 3: "AuthRsaSignatures",
    4: "AuthEncryptionWithRsa", 5: "AuthRevisedEncryptionWithRsa", 9: "AuthEcdsaSha256",
    10: "AuthEcdsaSha384", 11: "AuthEcdsaSha512",
}  # fmt: skip
_DH1: Final = {
    1: "GroupDefault768BitModp", 2: "GroupAlternate1024BitModpGroup", 3: "GroupEc2nOnGp2p155",
    4: "GroupEc2nOnGp2p185", 5: "GroupModp1536Bit", 14: "GroupModp2048Bit", 15: "GroupModp3072Bit",
    16: "GroupModp4096Bit", 17: "GroupModp6144Bit", 18: "GroupModp8192Bit", 19: "GroupRandomEcp256",
    20: "GroupRandomEcp384", 21: "GroupRandomEcp521", 22: "GroupModp1024With160BitPrime",
    23: "GroupModp2048With224BitPrime", 24: "GroupModp2048With256BitPrime",
    25: "GroupRandomEcp192", 26: "GroupRandomEcp224", 27: "GroupBrainpoolEcp224",
    28: "GroupBrainpoolEcp256", 29: "GroupBrainpoolEcp384", 30: "GroupBrainpoolEcp512",
}  # fmt: skip
_ENC2: Final = {
    1: "ENCR_DES_IV64", 2: "ENCR_DES", 3: "ENCR_3DES", 4: "ENCR_RC5", 5: "ENCR_IDEA",
    6: "ENCR_CAST", 7: "ENCR_BLOWFISH", 8: "ENCR_3IDEA", 9: "ENCR_DES_IV32", 11: "ENCR_NULL",
    12: "ENCR_AES_CBC", 13: "ENCR_AES_CTR", 14: "ENCR_AES_CCM_8", 15: "ENCR_AES_CCM_12",
    16: "ENCR_AES_CCM_16", 18: "ENCR_AES_GCM_8", 19: "ENCR_AES_GCM_12", 20: "ENCR_AES_GCM_16",
    21: "ENCR_NULL_AUTH_AES_GMAC", 23: "ENCR_CAMELLIA_CBC", 24: "ENCR_CAMELLIA_CTR",
    25: "ENCR_CAMELLIA_CCM_8", 26: "ENCR_CAMELLIA_CCM_12", 27: "ENCR_CAMELLIA_CCM_16",
    28: "ENCR_CHACHA20_POLY1305",
}  # fmt: skip
_PRF2: Final = {
    0: "PRF_NULL", 1: "PRF_HMAC_MD5", 2: "PRF_HMAC_SHA1", 3: "PRF_HMAC_TIGER",
    4: "PRF_AES128_XCBC", 5: "PRF_HMAC_SHA2_256", 6: "PRF_HMAC_SHA2_384", 7: "PRF_HMAC_SHA2_512",
    8: "PRF_AES128_CMAC",
}  # fmt: skip
_AUTH2: Final = {
    0: "NONE", 1: "AUTH_HMAC_MD5_96", 2: "AUTH_HMAC_SHA1_96", 3: "AUTH_DES_MAC", 4: "AUTH_KPDK_MD5",
    5: "AUTH_AES_XCBC_96", 6: "AUTH_HMAC_MD5_128", 7: "AUTH_HMAC_SHA1_160", 8: "AUTH_AES_CMAC_96",
    9: "AUTH_AES_128_GMAC", 10: "AUTH_AES_192_GMAC", 11: "AUTH_AES_256_GMAC",
    12: "AUTH_HMAC_SHA2_256_128", 13: "AUTH_HMAC_SHA2_384_192", 14: "AUTH_HMAC_SHA2_512_256",
}  # fmt: skip
_DH2: Final = {
    0: "None", 1: "Modp768", 2: "Modp1024", 5: "Modp1536", 14: "Modp2048", 15: "Modp3072",
    16: "Modp4096", 17: "Modp6144", 18: "Modp8192", 19: "Ecp256", 20: "Ecp384", 21: "Ecp521",
    22: "Modp1024s160", 23: "Modp2048s224", 24: "Modp2048s256", 25: "Ecp192", 26: "Ecp224",
    27: "BrainpoolP224r1", 28: "BrainpoolP256r1", 29: "BrainpoolP384r1", 30: "BrainpoolP512r1",
    31: "Curve25519", 32: "Curve448",
}  # fmt: skip
_TRANSFORMS2: Final = {
    1: ("alg_enc", _ENC2), 2: ("alg_prf", _PRF2), 3: ("alg_auth", _AUTH2), 4: ("alg_dh", _DH2),
    5: ("alg_esn", {0: "NoESN", 1: "ESN"}),
}  # fmt: skip
NOTIFY: Final = {
    1: "UNSUPPORTED_CRITICAL_PAYLOAD", 4: "INVALID_IKE_SPI", 5: "INVALID_MAJOR_VERSION",
    7: "INVALID_SYNTAX", 9: "INVALID_MESSAGE_ID", 11: "INVALID_SPI", 14: "NO_PROPOSAL_CHOSEN",
    17: "INVALID_KE_PAYLOAD", 24: "AUTHENTICATION_FAILED", 34: "SINGLE_PAIR_REQUIRED",
    35: "NO_ADDITIONAL_SAS", 36: "INTERNAL_ADDRESS_FAILURE", 37: "FAILED_CP_REQUIRED",
    38: "TS_UNACCEPTABLE", 39: "INVALID_SELECTORS", 43: "TEMPORARY_FAILURE", 44: "CHILD_SA_NOT_FOUND",
    16384: "INITIAL_CONTACT", 16385: "SET_WINDOW_SIZE", 16386: "ADDITIONAL_TS_POSSIBLE",
    16387: "IPCOMP_SUPPORTED", 16388: "NAT_DETECTION_SOURCE_IP",
    16389: "NAT_DETECTION_DESTINATION_IP", 16390: "COOKIE", 16391: "USE_TRANSPORT_MODE",
    16392: "HTTP_CERT_LOOKUP_SUPPORTED", 16393: "REKEY_SA", 16394: "ESP_TFC_PADDING_NOT_SUPPORTED",
    16395: "NON_FIRST_FRAGMENTS_ALSO", 16396: "MOBIKE_SUPPORTED", 16404: "MULTIPLE_AUTH_SUPPORTED",
    16406: "REDIRECT_SUPPORTED", 16407: "REDIRECT", 16408: "REDIRECTED_FROM",
    16418: "CHILDLESS_IKEV2_SUPPORTED", 16430: "IKEV2_FRAGMENTATION_SUPPORTED",
    16431: "SIGNATURE_HASH_ALGORITHMS", 16438: "INTERMEDIATE_EXCHANGE_SUPPORTED",
}  # fmt: skip
_MOST: Final = 64


@dataclass(slots=True)
class Payloads:
    """What the payloads of one message say."""

    names: list[str] = field(default_factory=list[str])
    vendors: list[str] = field(default_factory=list[str])
    notify: list[str] = field(default_factory=list[str])
    transforms: list[dict[str, str | int]] = field(default_factory=list["dict[str, str | int]"])
    doi: int | None = None
    key_size: int | None = None
    nonce_size: int | None = None
    encrypted: bool = False


def payloads(data: bytes, first: int, version: int) -> Payloads:
    """The chain of payloads behind a header; stops where it is encrypted or broken."""
    found = Payloads()
    names = PAYLOADS1 if version == 1 else PAYLOADS2
    kind, at = first, 28
    while kind and at + 4 <= len(data) and len(found.names) < _MOST:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 4 or at + size > len(data):
            break
        _add(found, names.get(kind, str(kind)))
        body = data[at + 4 : at + size]
        if version == 1:
            _payload1(found, kind, body)
        elif kind in (46, 53):
            found.encrypted = True
            return found
        else:
            _payload2(found, kind, body)
        kind = data[at]
        at += size
    if version == 2 and not kind:
        found.names.append("NoNextPayload")
    return found


def _add(found: Payloads, name: str) -> None:
    if name not in ("Proposal", "Transform") or name not in found.names:
        found.names.append(name)


def _payload1(found: Payloads, kind: int, body: bytes) -> None:
    if kind == 1 and len(body) >= 8:
        found.doi = int.from_bytes(body[:4], "big")
        _proposals(found, body[8:], 1)
    elif kind == 4:
        found.key_size = len(body)
    elif kind == 10:
        found.nonce_size = len(body)
    elif kind == 13:
        found.vendors.append(body[:64].hex())
    elif kind == 11 and len(body) >= 8:
        number = int.from_bytes(body[6:8], "big")
        found.notify.append(NOTIFY.get(number, str(number)))


def _payload2(found: Payloads, kind: int, body: bytes) -> None:
    if kind == 33:
        _proposals(found, body, 2)
    elif kind == 34:
        found.key_size = len(body) - 4
    elif kind == 40:
        found.nonce_size = len(body)
    elif kind == 41 and len(body) >= 4:
        number = int.from_bytes(body[2:4], "big")
        found.notify.append(NOTIFY.get(number, str(number)))
    elif kind == 43:
        found.vendors.append(body[:64].hex())


def _proposals(found: Payloads, data: bytes, version: int) -> None:
    at = 0
    while at + 8 <= len(data) and len(found.transforms) < _MOST:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 8 or at + size > len(data):
            return
        inside = data[at + 8 + data[at + 6] : at + size]
        if version == 1:
            _add(found, "Proposal")
            _transforms1(found, inside)
        else:
            _transforms2(found, inside)
        at += size


def _transforms1(found: Payloads, data: bytes) -> None:
    at = 0
    while at + 8 <= len(data) and len(found.transforms) < _MOST:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 8 or at + size > len(data):
            return
        _add(found, "Transform")
        found.transforms.append(_attributes1(data[at + 8 : at + size]))
        at += size


def _attributes1(data: bytes) -> dict[str, str | int]:
    """Attributes of a transform: short ones (a bit is set) and long ones."""
    said: dict[str, str | int] = {}
    at = 0
    while at + 4 <= len(data) and len(said) < 16:
        kind = int.from_bytes(data[at : at + 2], "big")
        value = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 4
        if not kind & 0x8000:
            size, value = value, int.from_bytes(data[at : at + min(value, 8)], "big")
            at += size
        kind &= 0x7FFF
        if kind == 1:
            said["alg_enc"] = _ENC1[value] if 0 < value < len(_ENC1) else "Unknown"
        elif kind == 2:
            said["alg_hash"] = _HASH1[value] if 0 < value < len(_HASH1) else "Unknown"
        elif kind == 3:
            said["alg_auth"] = _AUTH1.get(value, "Unknown")
        elif kind == 4:
            said["alg_dh"] = _DH1.get(value, "Unknown")
        elif kind == 11:
            said["sa_life_type"] = {1: "LifeTypeSeconds", 2: "LifeTypeKilobytes"}.get(
                value, "Unknown"
            )
        elif kind in (12, 14) and value < 1 << 62:
            said["sa_life_duration" if kind == 12 else "sa_key_length"] = value
    return said


def _transforms2(found: Payloads, data: bytes) -> None:
    """Transforms of one proposal: the first of each kind is what stands for it."""
    said: dict[str, str | int] = {}
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 8 or at + size > len(data):
            break
        name, names = _TRANSFORMS2.get(data[at + 4], ("", {}))
        number = int.from_bytes(data[at + 6 : at + 8], "big")
        if name and name not in said:
            said[name] = names.get(number, str(number))
            if name == "alg_enc" and data[at + 8 : at + 10] == b"\x80\x0e" and size >= 12:
                said["sa_key_length"] = int.from_bytes(data[at + 10 : at + 12], "big")
        at += size
    found.transforms.append(said)
