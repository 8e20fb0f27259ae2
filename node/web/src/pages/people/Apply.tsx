/** A specialist asks to read here, before having an account; whoever asks is told only that it was sent. */
import { useState } from "preact/hooks";

import { send } from "../../api/client";
import type { Departments } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { Form, SelectField, TextField } from "../fields";
import { sentence, Trouble, useLoaded } from "../loading";

const EMPTY = { name: "", department: "", licence: "", specialty: "", subspecialty: "", since: "" };

export function Apply() {
  const [open, setOpen] = useState(false);
  return (
    <details class="card" open={open} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>{t("apply.title")}</summary>
      {open && <ApplyForm />}
    </details>
  );
}

function ApplyForm() {
  const departments = useLoaded<Departments>("/api/departments").value?.departments ?? [];
  const [said, setSaid] = useState(EMPTY);
  const [sent, setSent] = useState(false);
  const [trouble, setTrouble] = useState("");
  const set = (more: Partial<typeof EMPTY>) => { setSaid({ ...said, ...more }); };
  const since = said.since.trim();
  const stands = said.name.trim() !== "" && said.department !== "" && said.licence.trim() !== "" && said.specialty.trim() !== "" && /^(\d{4})?$/.test(since);
  const apply = async () => {
    const body = {
      name: said.name.trim(),
      department: said.department,
      licence_number: said.licence.trim(),
      specialty_number: said.specialty.trim(),
      language: language.value,
      subspecialty: said.subspecialty.trim() || null,
      specialist_since: since === "" ? null : Number(since),
    };
    try {
      await send("POST", "/api/applications", body);
      setTrouble("");
      setSaid(EMPTY);
      setSent(true);
    } catch (refusal) {
      setSent(false);
      setTrouble(sentence(refusal));
    }
  };
  return (
    <Form send={() => void apply()} label={t("apply.title")}>
      <p class="hint">{t("apply.says")}</p>
      <Trouble text={trouble} />
      <p class="news" role="status">{sent ? t("apply.sent") : ""}</p>
      <TextField label={t("apply.name")} value={said.name} change={(name) => { set({ name }); }} />
      <SelectField label={t("people.department")} value={said.department} none={t("desk.choose")}
        options={departments.map((one) => [one.code, say(one, language.value)])} change={(department) => { set({ department }); }} />
      <TextField label={t("people.licence-number")} value={said.licence} longest={24} change={(licence) => { set({ licence }); }} />
      <TextField label={t("people.specialty-number")} value={said.specialty} longest={24} change={(specialty) => { set({ specialty }); }} />
      <TextField label={t("apply.since")} value={said.since} numeric longest={4} change={(one) => { set({ since: one }); }} />
      <TextField label={t("apply.subspecialty")} value={said.subspecialty} longest={64} change={(subspecialty) => { set({ subspecialty }); }} />
      <button type="submit" disabled={!stands}>
        {t("apply.send")}
      </button>
    </Form>
  );
}
