// The build hands a drawing over as its text.
declare module '*.svg' {
  const text: string
  export default text
}
