const CLASS: Record<string, string> = { "+": "plus", "-": "minus", "@": "place" };

/** A unified diff as the server gives it, line by line; signs stay, so that colour is never alone. */
export function Difference({ unified }: { unified: string }) {
  return (
    <pre className="unified">
      {unified.split("\n").map((line, index) => (
        <span key={index} className={CLASS[line[0] ?? ""] ?? ""}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
