// Forms: what sends them, and their fields.
import type { ComponentChildren, ComponentProps } from 'preact'

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

/** Names by value; `chosen` at first, where it is not the first. Preact knows no `defaultValue` of a list. */
export const Choices = ({ of, chosen }: { of: Record<string, string>; chosen?: string | undefined }) =>
  Object.entries(of).map(([value, name]) => (
    <option key={value} value={value} {...(value === chosen && { selected: true })}>
      {name}
    </option>
  ))

/** What a person wrote into a field. */
export function written(form: HTMLFormElement, field: string): string {
  const value = new FormData(form).get(field)
  return typeof value === 'string' ? value.trim() : ''
}
