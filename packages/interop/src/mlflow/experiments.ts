import type { MlflowExperiment } from './records.ts';

/** Experiments of the export by name: those that came from MLflow keep their ids where these are free. */
export class ExperimentPlan {
  private readonly byName = new Map<string, MlflowExperiment>();
  private readonly ids = new Set<string>();

  /** An experiment that came from MLflow; of two of one name the first stays. */
  keep(experiment: MlflowExperiment): MlflowExperiment {
    return this.byName.get(experiment.name) ?? this.put(experiment);
  }

  /** The experiment of a project, made where there is none. */
  ofProject(name: string, createdAt: number): MlflowExperiment {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const times = { creationTime: createdAt, lastUpdateTime: createdAt };
    return this.put({ id: '1', name, artifactLocation: null, lifecycleStage: 'active', ...times, tags: {} });
  }

  /** MLflow logs into experiment 0 where nobody names one. */
  ensureDefault(): void {
    if (!this.ids.has('0') && !this.byName.has('Default')) this.keep(defaultExperiment());
  }

  all(): MlflowExperiment[] {
    return [...this.byName.values()];
  }

  private put(experiment: MlflowExperiment): MlflowExperiment {
    let id = experiment.id;
    while (this.ids.has(id)) id = String(BigInt(id) + 1n);
    const placed = { ...experiment, id };
    this.ids.add(id);
    this.byName.set(placed.name, placed);
    return placed;
  }
}

function defaultExperiment(): MlflowExperiment {
  const times = { creationTime: null, lastUpdateTime: null };
  return { id: '0', name: 'Default', artifactLocation: null, lifecycleStage: 'active', ...times, tags: {} };
}
