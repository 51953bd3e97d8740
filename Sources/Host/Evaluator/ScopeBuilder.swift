import Syntax

/// Builds the tree of scopes of a file or definition: who binds, uses and declares which names.
struct ScopeBuilder {
  private let scope: Scope

  init(_ scope: Scope) { self.scope = scope }

  func visit(_ statements: [Stmt]) { for statement in statements { visit(statement) } }

  func visit(_ statement: Stmt) {
    switch statement {
    case .expression(let s): visit(s.value)
    case .assign(let s):
      visit(s.value)
      s.targets.forEach(bind)
    case .augmentedAssign(let s):
      visit(s.value)
      bind(s.target)
      if case .name(let name) = s.target { scope.use(name.symbol) }
    case .annotatedAssign(let s):
      if scope.kind == .classBody || scope.kind == .module { visit(s.annotation) }
      if let value = s.value { visit(value) }
      bind(s.target)
    case .delete(let s): s.targets.forEach(bind)
    case .pass, .break, .continue: break
    case .return(let s): s.value.map(visit)
    case .raise(let s):
      s.exception.map(visit)
      s.cause.map(visit)
    case .assert(let s):
      visit(s.condition)
      s.message.map(visit)
    case .global(let s): for name in s.names { scope.declareGlobal(name.symbol) }
    case .nonlocal(let s): for name in s.names { scope.declareNonlocal(name.symbol) }
    case .import(let s):
      for module in s.modules { scope.bind((module.alias ?? module.path[0]).symbol) }
    case .importFrom(let s):
      if case .some(let names) = s.names {
        for name in names { scope.bind((name.alias ?? name.name).symbol) }
      }
    case .if(let s):
      for branch in s.branches {
        visit(branch.condition)
        visit(branch.body)
      }
      visit(s.otherwise)
    case .while(let s):
      visit(s.condition)
      visit(s.body)
      visit(s.otherwise)
    case .for(let s):
      visit(s.iterable)
      bind(s.target)
      visit(s.body)
      visit(s.otherwise)
    case .with(let s):
      for item in s.items {
        visit(item.context)
        item.target.map(bind)
      }
      visit(s.body)
    case .try(let s):
      visit(s.body)
      for handler in s.handlers {
        handler.kind.map(visit)
        if let name = handler.name { scope.bind(name.symbol) }
        visit(handler.body)
      }
      visit(s.otherwise)
      visit(s.finally)
    case .match(let s):
      visit(s.subject)
      for item in s.cases {
        visit(item.pattern)
        item.condition.map(visit)
        visit(item.body)
      }
    case .function(let s):
      s.decorators.forEach(visit)
      visitDefaults(s.parameters)
      if let returns = s.returns { visit(returns) }
      scope.bind(s.symbol)
      let inner = functionScope(s.parameters, name: s.name.text, for: s)
      ScopeBuilder(inner).visit(s.body)
    case .class(let s):
      s.decorators.forEach(visit)
      s.bases.forEach(visit)
      for keyword in s.keywords { visit(keyword.value) }
      scope.bind(s.symbol)
      let inner = Scope(
        .classBody, parent: scope, className: s.name.text, path: "\(scope.path)\(s.name.text).")
      scope.add(inner, for: s)
      ScopeBuilder(inner).visit(s.body)
    }
  }

  private func visitDefaults(_ parameters: ParameterList) {
    for parameter in parameters.all {
      parameter.defaultValue.map(visit)
      parameter.annotation.map(visit)
    }
  }

  private func functionScope(_ parameters: ParameterList, name: String, for node: SyntaxNode)
    -> Scope
  {
    let inner = Scope(.function, parent: scope, path: "\(scope.path)\(name).<locals>.")
    for parameter in parameters.all { inner.bind(parameter.symbol) }
    scope.add(inner, for: node)
    return inner
  }

  func visit(_ expression: Expr) {
    switch expression {
    case .name(let e): scope.use(e.symbol)
    case .constant: break
    case .formatted(let e): visit(e)
    case .tuple(let e): e.elements.forEach(visit)
    case .list(let e): e.elements.forEach(visit)
    case .set(let e): e.elements.forEach(visit)
    case .dict(let e):
      for item in e.items {
        item.key.map(visit)
        visit(item.value)
      }
    case .comprehension(let e): visit(e)
    case .lambda(let e):
      visitDefaults(e.parameters)
      let inner = functionScope(e.parameters, name: "<lambda>", for: e)
      ScopeBuilder(inner).visit(e.body)
    case .unary(let e): visit(e.operand)
    case .binary(let e):
      visit(e.left)
      visit(e.right)
    case .boolean(let e): e.operands.forEach(visit)
    case .compare(let e):
      visit(e.first)
      for (_, operand) in e.rest { visit(operand) }
    case .conditional(let e):
      visit(e.condition)
      visit(e.then)
      visit(e.otherwise)
    case .call(let e):
      visit(e.function)
      e.arguments.forEach(visit)
      for keyword in e.keywords { visit(keyword.value) }
    case .attribute(let e): visit(e.value)
    case .subscript(let e):
      visit(e.value)
      visit(e.index)
    case .slice(let e):
      e.start.map(visit)
      e.stop.map(visit)
      e.step.map(visit)
    case .starred(let e): visit(e.value)
    case .walrus(let e):
      visit(e.value)
      scope.walrusScope.bind(e.target.symbol)
      scope.use(e.target.symbol)
    case .yield(let e): e.value.map(visit)
    case .yieldFrom(let e): visit(e.value)
    }
  }

  private func visit(_ formatted: FormattedString) {
    for case .field(let field) in formatted.parts {
      visit(field.value)
      if let format = field.format { visit(format) }
    }
  }

  private func visit(_ comprehension: ComprehensionExpr) {
    // The first iterable belongs to the code around the comprehension.
    visit(comprehension.clauses[0].iterable)
    let kind: Scope.Kind =
      if case .generator = comprehension.result { .generatorExpression } else { .comprehension }
    let inner = Scope(
      kind, parent: scope,
      path: kind == .comprehension ? scope.path : "\(scope.path)<genexpr>.<locals>.")
    scope.add(inner, for: comprehension)
    let builder = ScopeBuilder(inner)
    for (i, clause) in comprehension.clauses.enumerated() {
      if i > 0 { builder.visit(clause.iterable) }
      builder.bind(clause.target)
      clause.conditions.forEach(builder.visit)
    }
    switch comprehension.result {
    case .list(let e), .set(let e), .generator(let e): builder.visit(e)
    case .dict(let key, let value):
      builder.visit(key)
      builder.visit(value)
    }
  }

  func bind(_ target: Target) {
    switch target {
    case .name(let t): scope.bind(t.symbol)
    case .attribute(let t): visit(t.value)
    case .subscript(let t):
      visit(t.value)
      visit(t.index)
    case .sequence(let t): t.elements.forEach(bind)
    case .starred(let t): bind(t.target)
    }
  }

  private func visit(_ pattern: Pattern) {
    switch pattern {
    case .value(let p): visit(p.value)
    case .singleton: break
    case .sequence(let p): p.patterns.forEach(visit)
    case .mapping(let p):
      for (key, pattern) in p.items {
        visit(key)
        visit(pattern)
      }
      if let rest = p.rest { scope.bind(rest.symbol) }
    case .class(let p):
      visit(p.type)
      p.positional.forEach(visit)
      for (_, pattern) in p.keywords { visit(pattern) }
    case .star(let p): if let name = p.name { scope.bind(name.symbol) }
    case .capture(let p):
      if let name = p.name { scope.bind(name.symbol) }
      p.pattern.map(visit)
    case .or(let p): p.alternatives.forEach(visit)
    }
  }
}
