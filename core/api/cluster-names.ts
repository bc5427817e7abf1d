/** What all API servers of a cluster share by name: no state, only names and numbers. */
import { KeyInterner } from '../store/client-interface.ts';
import { NameTable } from '../types/names.ts';
import { ResourceTypes } from '../types/resource-type.ts';
import { CreationOrdinals } from './identity.ts';
import { StoreKeys } from './storage/store-keys.ts';

export class ClusterNames {
  readonly types = new ResourceTypes();
  readonly names = new NameTable();
  readonly keys = new KeyInterner();
  readonly ordinals = new CreationOrdinals();
  readonly storeKeys = new StoreKeys(this.keys, this.names, this.types);
}
