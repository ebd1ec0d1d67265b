/** All cases of the table. */
import { addressCases } from './address-cases';
import { answerCases } from './answer-cases';
import { badUrlCases } from './bad-url-cases';
import { certificateCases } from './certificate-cases';
import { challengeCases } from './challenge-cases';
import { codingCases } from './coding-cases';
import { connectionCases } from './connection-cases';
import { cutFileCases } from './cut-file-cases';
import type { FaultCase } from './fault-case';
import { fileCases } from './file-cases';
import { frameCases } from './frame-cases';
import { headCases } from './head-cases';
import { imageCases } from './image-cases';
import { keptCases } from './kept-cases';
import { laterFrameCases } from './later-frame-cases';
import { laterPictureCases } from './later-picture-cases';
import { limitCases } from './limit-cases';
import { networkCases } from './network-cases';
import { oddFileCases } from './odd-file-cases';
import { pageCases } from './page-cases';
import { rareKindCases } from './rare-kind-cases';
import { reasonCases } from './reason-cases';
import { redirectCases } from './redirect-cases';
import { serviceCases } from './service-cases';
import { strangerCases } from './stranger-cases';
import { successCases } from './success-cases';
import { vendorCases } from './vendor-cases';
import { waitCases } from './wait-cases';

export const faultCases: readonly FaultCase[] = [
  ...networkCases,
  ...connectionCases,
  ...codingCases,
  ...certificateCases,
  ...successCases,
  ...reasonCases,
  ...serviceCases,
  ...strangerCases,
  ...vendorCases,
  ...waitCases,
  ...challengeCases,
  ...pageCases,
  ...badUrlCases,
  ...answerCases,
  ...redirectCases,
  ...headCases,
  ...frameCases,
  ...addressCases,
  ...fileCases,
  ...imageCases,
  ...oddFileCases,
  ...rareKindCases,
  ...cutFileCases,
  ...keptCases,
  ...laterFrameCases,
  ...laterPictureCases,
  ...limitCases,
];
