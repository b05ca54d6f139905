// Forms: what sends them, and their fields; and buttons that act at once.
import type { ComponentChildren, ComponentProps } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { usePage, type Question } from './context.ts'
import type { Server } from './server.ts'

type ActionProps = {
  /** What the notice says was done. */
  title: string
  /** What to ask the person first; the answer goes to `run`. */
  asks?: Question | undefined
  run: (server: Server, answer: string) => Promise<unknown>
  /** Each click counts, however fast they come. */
  repeats?: boolean
} & ComponentProps<'button'>
export function Action({ title, asks, run, repeats = false, ...button }: ActionProps) {
  const { server, attempt, question } = usePage()
  const act = async () => {
    const answer = asks ? await question(asks) : ''
    if (answer !== undefined) await attempt(title, () => run(server, answer))
  }
  const actOnce = useOneAtATime(act)
  const itself = useRef<HTMLButtonElement>(null)
  // One that goes with what it has removed: else the focus is at the beginning of the page.
  useLayoutEffect(() => () => keepFocusNear(itself.current), [])
  return <button type="button" ref={itself} {...button} data-repeats={repeats} onClick={repeats ? act : actOnce} />
}

function keepFocusNear(button: HTMLButtonElement | null): void {
  if (button === document.activeElement) button?.closest<HTMLElement>('.card')?.focus()
}

/** Runs nothing while an earlier run is not over: a second click may come before the answer to the first. */
function useOneAtATime<A extends unknown[]>(run: (...given: A) => unknown) {
  const isRunning = useRef(false)
  return async (...given: A) => {
    if (isRunning.current) return
    isRunning.current = true
    try {
      await run(...given)
    } finally {
      isRunning.current = false
    }
  }
}

/** The second click of a double click is none: it would act twice, or on the button that has come to its place. */
export function ignoreSecondClick(event: MouseEvent): void {
  const button = event.target instanceof Element && event.target.closest('button')
  if (event.detail < 2 || !button || button.dataset['repeats'] === 'true') return
  event.preventDefault()
  event.stopPropagation()
}

type FormProps = { class?: string; onSend: (form: HTMLFormElement) => unknown; children: ComponentChildren }

/** The page stays when it is sent. */
export function Form({ onSend, ...form }: FormProps) {
  const send = useOneAtATime(onSend)
  return (
    <form
      {...form}
      onSubmit={(event) => {
        event.preventDefault()
        void send(event.currentTarget)
      }}
    />
  )
}

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
