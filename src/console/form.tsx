// Forms: what sends them, and their fields; and buttons that act at once.
import type { ComponentChildren, ComponentProps } from 'preact'
import { usePage, type Question } from './context.ts'
import type { Server } from './server.ts'

type ActionProps = {
  /** What the notice says was done. */
  title: string
  /** What to ask the person first; the answer goes to `run`. */
  asks?: Question | undefined
  run: (server: Server, answer: string) => Promise<unknown>
} & ComponentProps<'button'>
export function Action({ title, asks, run, ...button }: ActionProps) {
  const { server, attempt, question } = usePage()
  const act = async () => {
    const answer = asks ? await question(asks) : ''
    if (answer !== undefined) await attempt(title, () => run(server, answer))
  }
  return <button type="button" {...button} onClick={act} />
}

type FormProps = { class?: string; onSend: (form: HTMLFormElement) => unknown; children: ComponentChildren }

/** The page stays when it is sent. */
export const Form = ({ onSend, ...form }: FormProps) => (
  <form
    {...form}
    onSubmit={(event) => {
      event.preventDefault()
      onSend(event.currentTarget)
    }}
  />
)

/** `class` is that of the label. */
export const Field = ({ label, class: name = 'field', ...input }: { label: string } & ComponentProps<'input'>) => (
  <label class={name}>
    {label}
    <input {...input} />
  </label>
)

type SelectProps = ComponentProps<typeof Choices> & { label: string } & ComponentProps<'select'>
export const Select = ({ label, of, chosen, ...select }: SelectProps) => (
  <label class="field">
    {label}
    <select {...select}>
      <Choices of={of} chosen={chosen} />
    </select>
  </label>
)

/** Names by value, or values alone; `chosen` at first, where it is not the first. Preact knows no `defaultValue` of a list. */
export const Choices = ({ of, chosen }: { of: Record<string, string> | string[]; chosen?: string | undefined }) =>
  (Array.isArray(of) ? of.map((value) => [value, value]) : Object.entries(of)).map(([value, name]) => (
    <option key={value} value={value} {...(value === chosen && { selected: true })}>
      {name}
    </option>
  ))

/** What a person wrote into a field. */
export function written(form: HTMLFormElement, field: string): string {
  const value = new FormData(form).get(field)
  return typeof value === 'string' ? value.trim() : ''
}
