import { registerEnumType } from 'type-graphql';

export const UnlearnableRowsEnum = { REFUSE: 'refuse', LEAVE_OUT: 'leaveOut' } as const;

registerEnumType(UnlearnableRowsEnum, {
  name: 'UnlearnableRows',
  description: 'What happens to rows that can not be learned as conversations.',
  valuesConfig: {
    REFUSE: { description: 'The experiment is refused, or its run fails, and says which rows they are.' },
    LEAVE_OUT: { description: 'They are left out, and the log of the run counts them.' },
  },
});
