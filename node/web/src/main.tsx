import { render } from "preact";

import { Shell } from "./pages/Shell";
import { resume } from "./state/session";

const root = document.getElementById("page");
if (root !== null) {
  void resume().then(() => {
    render(<Shell />, root);
  });
}
