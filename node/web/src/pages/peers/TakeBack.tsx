/** This hospital's word on a key is taken back, or a key that others vouched for distrusted, once that was confirmed. */
import { useState } from "preact/hooks";

import { t } from "../../texts";
import { CheckField, Form } from "../fields";
import type { ActOnKeyProps } from "./Comparing";

export function TakeBack({ peer, path, acts, done }: ActOnKeyProps) {
  const [sure, setSure] = useState(false);
  const verb = t(peer.belief === "vouched" ? "peers.distrust" : "peers.take-back");
  const send = async () => {
    const told = () => t("peers.taken-back", { name: peer.site_name });
    if ((await acts.act("POST", `${path}/revocation`, undefined, told)) !== undefined) {
      done();
    }
  };
  return (
    <details>
      <summary>{verb}</summary>
      <Form send={() => void send()} label={verb}>
        <p class="hint">{t("peers.take-back-says", { name: peer.site_name })}</p>
        <CheckField label={t("peers.sure")} value={sure} change={setSure} />
        <button type="submit" class="stop" disabled={!sure || acts.busy}>
          {verb}
        </button>
      </Form>
    </details>
  );
}
