import { Input } from "antd";

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  rows?: number;
  autoFocus?: boolean;
  onChange(value: string): void;
  /** Ctrl-Enter. */
  onFinish?(): void;
}

/** Why somebody does what they do. */
export function ReasonInput({ label, placeholder = label, value, rows = 2, autoFocus, onChange, onFinish }: Props) {
  return (
    <Input.TextArea
      autoFocus={autoFocus}
      rows={rows}
      maxLength={2000}
      value={value}
      aria-label={label}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && onFinish?.()}
    />
  );
}
