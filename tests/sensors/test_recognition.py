"""What `Recognition` says of TLS on its way is what every protocol of the shelf says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.loss import Losses
from sensors.protocol import Flow
from sensors.recognition import WITHIN_TLS, Recognition
from sensors.shelf import all_protocols

_PORTS = sorted({port for one in all_protocols().values() for port in one.ports} | {443, 50_000})


@given(
    st.sampled_from(sorted(WITHIN_TLS)),
    st.integers(1, 16_640),
    st.one_of(st.binary(max_size=60), st.binary(min_size=1, max_size=4).map(lambda one: one * 99)),
    st.sampled_from(_PORTS),
    st.integers(0, 1),
)
def test_no_other_protocol_begins_like_tls_on_its_way(
    begin: bytes, size: int, rest: bytes, port: int, side: int
) -> None:
    data = begin + size.to_bytes(2, "big") + rest
    flow = Flow("tcp", "10.0.0.1", 50_000, "10.0.0.2", port, 0)
    found = [
        name
        for name, one in all_protocols().items()
        if "tcp" in one.transports and one.recognises(data, side, flow)
    ]
    assert found in ([], ["tls"])
    assert [Recognition(all_protocols(), Losses()).recognise(flow, side, data)] == (found or [""])
