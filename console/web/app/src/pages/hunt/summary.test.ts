import { describe, expect, it } from "vitest";
import { summaryOf } from "./summary";

describe("what an event says", () => {
  it("is the name asked and its answer for DNS", () => {
    const event = { "event.dataset": "dns", "dns.question.type": "A", "dns.question.name": "a.example", "dns.resolved_ip": ["192.0.2.1", "192.0.2.2"] };
    expect(summaryOf(event)).toBe("A  a.example  192.0.2.1, 192.0.2.2");
  });

  it("is both directions first for a flow", () => {
    const event = { "event.dataset": "flow", "source.bytes": 122, "destination.bytes": 0, "zeek.connection.state": "S0" };
    expect(summaryOf(event)).toBe("↑ 122 B ↓ 0 B  S0");
  });

  it("names the file that SMB touched", () => {
    const event = { "event.dataset": "smb", "smb.command": "SMB2_COMMAND_READ", "smb.path": "\\\\FS01\\share", "file.name": "a.docx" };
    expect(summaryOf(event)).toBe("SMB2_COMMAND_READ  \\\\FS01\\share  a.docx");
  });

  it("falls back to what a protocol says of itself, never to nothing", () => {
    const event = { "event.dataset": "ssdp", "source.ip": "192.0.2.1", "ssdp.method": "M-SEARCH", "ssdp.st": "ssdp:all", "ssdp.mx": 2, "ssdp.man": "", "ssdp.usn": "u", "ssdp.nt": "n" };
    expect(summaryOf(event)).toBe("M-SEARCH  ssdp:all  2  u");
  });
});
