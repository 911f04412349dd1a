import { useNavigate } from "@tanstack/react-router";
import { Input, Modal } from "antd";
import { useMemo, useState } from "react";
import { usePlaces } from "../components/places";
import { useWords } from "../i18n";
import { entityOfWord } from "../state/entities";
import { quote } from "../state/lucene";

interface Choice {
  label: string;
  where: string;
  go(): void;
}

/** Ctrl-K: go to a page, or take what was typed to an entity or a hunt. */
export function Palette({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const places = usePlaces();
  const choices = useMemo(() => {
    const word = typed.trim();
    const found: Choice[] = places
      .filter((place) => !word || `${place.label} ${place.path}`.toLowerCase().includes(word.toLowerCase()))
      .map((place) => ({ label: place.label, where: t("web.palette.page"), go: () => void navigate({ to: place.path }) }));
    if (!word) return found;
    const entity = entityOfWord(word);
    const here: Choice[] = [];
    if (entity) here.push({ label: word, where: t("web.palette.entity"), go: () => void navigate({ to: "/entities/$kind/$value", params: entity }) });
    here.push({ label: word, where: t("web.palette.hunt"), go: () => void navigate({ to: "/hunt", search: { q: /[:*]/.test(word) ? word : quote(word) } as never }) });
    here.push({ label: word, where: t("web.palette.queue"), go: () => void navigate({ to: "/queue", search: { text: word } as never }) });
    return [...here, ...found];
  }, [typed, places, navigate, t]);
  const close = () => {
    setTyped("");
    setAt(0);
    onClose();
  };
  const choose = (choice: Choice | undefined) => {
    if (!choice) return;
    close();
    choice.go();
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, choices.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") choose(choices[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal open={open} onCancel={close} footer={null} closable={false} width={560} destroyOnHidden style={{ top: 80 }}>
      <Input autoFocus size="middle" value={typed} placeholder={t("web.palette.placeholder")} aria-label={t("web.palette.placeholder")} onKeyDown={keys} onChange={(event) => (setTyped(event.target.value), setAt(0))} />
      <div className="palette" role="listbox">
        {choices.map((choice, index) => (
          <button key={index} type="button" role="option" aria-selected={index === at} className={index === at ? "current" : ""} onMouseEnter={() => setAt(index)} onClick={() => choose(choice)}>
            <span className="clip">{choice.label}</span>
            <span className="where">{choice.where}</span>
          </button>
        ))}
      </div>
    </Modal>
  );
}
