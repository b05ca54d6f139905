// A part of the page, with its heading.
import type { ComponentChildren } from 'preact'

export function Card(props: { title: string; name: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const { title, name, aside, children } = props
  return (
    <section class="card" id={name} tabIndex={-1} aria-labelledby={`${name}-title`}>
      <div class="top">
        <h2 id={`${name}-title`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
