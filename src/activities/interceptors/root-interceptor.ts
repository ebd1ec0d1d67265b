/** Refuses payloads of another data root before anything is touched. */
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker';
import { z } from 'zod';
import { StepError } from '../../contract/errors';

const withWarehouse = z.object({ warehouseId: z.string() });

/** @throws `wrong_root` when the payload names another warehouse than this worker's. */
export function rootInterceptor(root: {
  readonly dataRoot: string;
  readonly warehouseId: string;
}): ReturnType<ActivityInterceptorsFactory> {
  const inbound: ActivityInboundCallsInterceptor = {
    async execute(input, next) {
      const payload = withWarehouse.safeParse(input.args[0]);
      if (payload.success && payload.data.warehouseId !== root.warehouseId) {
        throw new StepError(
          'wrong_root',
          `This run belongs to the warehouse ${payload.data.warehouseId}, but the worker that got it serves ${root.warehouseId}: ` +
            'two data roots share one queue prefix. Give one of them its own ARTEMIS_QUEUE_PREFIX, restart its workers, then retry the step.',
        );
      }
      return next(input);
    },
  };
  return { inbound };
}
