"""Keys: a certificate authority and the certificates that servers show, made by OpenSSL."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

NAMES = "DNS:portal.test,DNS:*.gov.test,IP:10.77.0.2"


class Keys:
    """Files of a server's key and its certificate, issued by an authority of the test's own."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self._openssl = openssl
        self.key, self.certificate = folder / "server.key", folder / "server.crt"
        self.authority, authority_key = folder / "ca.crt", folder / "ca.key"
        self.chain = folder / "chain.crt"
        ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        self._run(
            "req", "-x509", *ec, "-keyout", str(authority_key), "-out", str(self.authority),
            "-days", "30", "-subj", "/C=CN/O=Test Authority/CN=Test Root",
        )  # fmt: skip
        self._run(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(self.key),
            "-out", str(self.certificate), "-days", "20",
            "-CA", str(self.authority), "-CAkey", str(authority_key),
            "-subj", "/C=CN/O=District/CN=portal.test", "-addext", f"subjectAltName={NAMES}",
        )  # fmt: skip
        self.chain.write_bytes(self.certificate.read_bytes() + self.authority.read_bytes())
        self.key.chmod(0o644)

    def fingerprint(self, method: str = "sha256") -> str:
        """Fingerprint of the server's certificate as OpenSSL says it, in lower case hex."""
        said = self._run(
            "x509", "-in", str(self.certificate), "-noout", "-fingerprint", f"-{method}"
        )
        return said.partition("=")[2].strip().replace(":", "").lower()

    def serial(self) -> str:
        """Serial number as OpenSSL says it."""
        said = self._run("x509", "-in", str(self.certificate), "-noout", "-serial")
        return said.partition("=")[2].strip()

    def pin(self) -> str:
        """SHA-256 of the public key, as browsers take it."""
        pem = self._run("x509", "-in", str(self.certificate), "-noout", "-pubkey")
        der = base64.b64decode("".join(pem.split("\n")[1:-2]))
        return base64.b64encode(hashlib.sha256(der).digest()).decode()

    def _run(self, *words: str) -> str:
        done = subprocess.run([self._openssl, *words], capture_output=True, text=True, check=True)
        return done.stdout
