// Tests refuse on purpose: the lines that the mocks of a test file write of refused requests are not shown.
const { stderr } = process
const write = stderr.write.bind(stderr) as (...given: unknown[]) => boolean // whatever it is given
const LINE = /^\d\d:\d\d:\d\d\.\d{3} {2}\d{3} /
stderr.write = (chunk: unknown, ...others: unknown[]) => LINE.test(String(chunk)) || write(chunk, ...others)
