/** The decoder process: receives batches of images from its parent and ends with it. */
import { decodeImage } from './decode-image';
import { serveLimitedProcess } from './serve-limited-process';

serveLimitedProcess('decodeImages', decodeImage);
