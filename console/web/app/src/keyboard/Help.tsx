import { Modal } from "antd";
import { useWords } from "../i18n";
import { bindingsNow } from "./keys";

/** `?`: the keys that work on this page now. */
export function Help({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useWords();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("web.keys.title")} width={640} destroyOnHidden>
      <dl style={{ columns: 2, columnGap: 28 }}>
        {open &&
          [...bindingsNow()].sort((a, b) => Number(a.keys.startsWith("g ")) - Number(b.keys.startsWith("g "))).map((binding) => (
            <div key={binding.keys} className="row" style={{ breakInside: "avoid", padding: "2px 0" }}>
              <dt style={{ width: 76, flex: "none" }}>
                {binding.keys.split(" ").map((key, index) => (
                  <kbd key={index} style={{ marginRight: 3 }}>
                    {key}
                  </kbd>
                ))}
              </dt>
              <dd style={{ margin: 0 }}>{t(binding.label)}</dd>
            </div>
          ))}
      </dl>
    </Modal>
  );
}
