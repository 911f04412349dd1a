import type { Entity } from "../api/types";
import { useUnitName } from "../api/shelves";
import { useWords } from "../i18n";
import { Value } from "./Value";

/** An entity with its role; ours are marked by a shape, not by colour alone. */
export function EntityValue({ entity, role = false }: { entity: Entity; role?: boolean }) {
  const { t, word } = useWords();
  const unitName = useUnitName();
  return (
    <span className="row" style={{ gap: 4, display: "inline-flex", maxWidth: "100%" }}>
      <span aria-label={t(entity.internal ? "web.entity.internal" : "web.entity.external")} title={t(entity.internal ? "web.entity.internal" : "web.entity.external")}>
        {entity.internal ? "▣" : "◇"}
      </span>
      <Value value={entity.value} kind={entity.kind} unit={entity.unit ? unitName(entity.unit) : undefined} />
      {role && <span className="mark">{word("web.entity_role", entity.role)}</span>}
    </span>
  );
}
