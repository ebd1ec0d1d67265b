/** Fields of the types in `src`, as the TypeScript compiler sees them. */
import path from 'node:path';
import ts from 'typescript';

const SRC = path.join(__dirname, '../../src');

const CHECKS = { strict: true, noEmit: true, skipLibCheck: true };

/** A field of a type. `documentation` is its TSDoc, including the tags. */
export interface TypeField {
  readonly name: string;
  readonly isOptional: boolean;
  readonly documentation: string;
}

/** The types of the named files, relative to `src`. Reading them takes a few seconds. */
export class SourceTypes {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  constructor(files: readonly string[]) {
    this.#program = ts.createProgram(
      files.map((file) => path.join(SRC, file)),
      // The types of a browser, which are read by default, are most of the text.
      { ...CHECKS, module: ts.ModuleKind.Node16, lib: ['lib.es2022.d.ts'] },
    );
    this.#checker = this.#program.getTypeChecker();
  }

  /**
   * The names of the fields of an interface or a type, or of the object that a zod schema
   * describes.
   */
  namesOf(file: string, name: string): readonly string[] {
    return this.fieldsOf(file, name).map((field) => field.name);
  }

  /** @throws an Error when the file has no such type or schema. */
  fieldsOf(file: string, name: string): readonly TypeField[] {
    return this.#checker.getPropertiesOfType(this.#typeOf(file, name)).map((property) => ({
      name: property.name,
      isOptional: (property.flags & ts.SymbolFlags.Optional) !== 0,
      documentation: this.#documentation(property),
    }));
  }

  /**
   * The names of the fields, and the paths of fields of objects that the type itself defines:
   * `warehouse.bytes`.
   */
  pathsOf(file: string, name: string): readonly string[] {
    return this.#pathsBelow('', this.#typeOf(file, name));
  }

  /** The texts of a union of literals. */
  literalsOf(file: string, name: string): readonly string[] {
    const type = this.#typeOf(file, name);
    const members = type.isUnion() ? type.types : [type];
    return members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []));
  }

  #pathsBelow(prefix: string, type: ts.Type): readonly string[] {
    return this.#checker.getPropertiesOfType(type).flatMap((property) => {
      const path = `${prefix}${property.name}`;
      const { valueDeclaration: declaration } = property;
      const isSpelledOut =
        declaration !== undefined &&
        ts.isPropertySignature(declaration) &&
        declaration.type?.kind === ts.SyntaxKind.TypeLiteral;
      if (!isSpelledOut) return [path];
      return this.#pathsBelow(`${path}.`, this.#checker.getTypeOfSymbol(property));
    });
  }

  #documentation(property: ts.Symbol): string {
    const text = ts.displayPartsToString(property.getDocumentationComment(this.#checker));
    const tags = property
      .getJsDocTags(this.#checker)
      .map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
    return [text, ...tags].join('\n');
  }

  #typeOf(file: string, name: string): ts.Type {
    const source = this.#program.getSourceFile(path.join(SRC, file));
    for (const statement of source?.statements ?? []) {
      if (
        (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
        statement.name.text === name
      )
        return this.#checker.getTypeAtLocation(statement.name);
      if (!ts.isVariableStatement(statement)) continue;
      const [declaration] = statement.declarationList.declarations;
      if (declaration?.name.getText() === name) return this.#shapeOf(declaration);
    }
    throw new Error(`src/${file} has no type and no schema "${name}"`);
  }

  #shapeOf(declaration: ts.VariableDeclaration): ts.Type {
    const shape = this.#checker.getTypeAtLocation(declaration).getProperty('shape');
    if (shape === undefined) throw new Error(`${declaration.name.getText()} is no schema`);
    return this.#checker.getTypeOfSymbol(shape);
  }
}
