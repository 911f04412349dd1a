import { Navigate } from "@tanstack/react-router";
import { usePlaces } from "./places";
import { Lost } from "./Lost";

/** The first page that this user may open. */
export function Home() {
  const first = usePlaces()[0];
  return first ? <Navigate to={first.path} replace /> : <Lost />;
}
