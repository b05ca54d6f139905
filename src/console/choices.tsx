// The choices of a list to select from.

/** Names by value; `chosen` at first, where it is not the first. Preact knows no `defaultValue` of a list. */
export const Choices = ({ of, chosen }: { of: Record<string, string>; chosen?: string }) =>
  Object.entries(of).map(([value, name]) => (
    <option key={value} value={value} {...(value === chosen && { selected: true })}>
      {name}
    </option>
  ))
