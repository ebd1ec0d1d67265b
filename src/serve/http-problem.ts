/** A request that is not answered as asked. The message is shown to the person who asked. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 414 | 503,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
