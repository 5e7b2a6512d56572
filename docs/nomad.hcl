# One load test by many allocations, gathered by another one; see many-generators.md. The admin key and the
# token are variables of Nomad at nomad/jobs/lamplighter, as `key` and `token`.
variable "host" {
  type        = string
  description = "The target, as http://HOST:PORT"
}

variable "parts" {
  type    = number
  default = 4
}

job "lamplighter" {
  type = "batch"

  group "gatherer" {
    network {
      port "gather" {}
    }

    service {
      name     = "lamplighter-gatherer"
      port     = "gather"
      provider = "nomad"
    }

    task "gather" {
      driver = "exec"

      config {
        command = "lamplighter"
        args = [
          "load", "gather", "--parts", "${var.parts}", "--listen", "0.0.0.0:${NOMAD_PORT_gather}",
          "--token-file", "${NOMAD_SECRETS_DIR}/token",
          "--json", "${NOMAD_ALLOC_DIR}/whole.json", "--html", "${NOMAD_ALLOC_DIR}/whole.html",
          "--wrong", "${NOMAD_ALLOC_DIR}/wrong",
        ]
      }

      template {
        destination = "${NOMAD_SECRETS_DIR}/token"
        data        = "{{ with nomadVar \"nomad/jobs/lamplighter\" }}{{ .token }}{{ end }}"
      }
    }
  }

  group "generators" {
    count = var.parts

    # A part that was lost once the test has begun is not played anew.
    restart {
      attempts = 0
      mode     = "fail"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    task "generator" {
      driver = "exec"

      config {
        command = "/bin/sh"
        args    = ["${NOMAD_TASK_DIR}/generate.sh"]
      }

      resources {
        cores  = 2
        memory = 2048
      }

      # Empty until the gatherer is there.
      template {
        destination = "${NOMAD_TASK_DIR}/gatherer"
        change_mode = "noop"
        data        = "{{ range nomadService \"lamplighter-gatherer\" }}http://{{ .Address }}:{{ .Port }}{{ end }}"
      }

      template {
        destination = "${NOMAD_TASK_DIR}/generate.sh"
        # Allocations count from 0, parts from 1. 1 is a gate that failed: the gatherer says it of the whole.
        data = <<-EOT
          until [ -s "$NOMAD_TASK_DIR/gatherer" ]; do sleep 1; done
          lamplighter load --gather "$(cat "$NOMAD_TASK_DIR/gatherer")" \
            --gather-token-file "$NOMAD_SECRETS_DIR/token" \
            --shard "$((NOMAD_ALLOC_INDEX + 1))/${var.parts}" \
            --host "${var.host}" --admin-key-file "$NOMAD_SECRETS_DIR/key" \
            --properties 4000 --agents 5 --visitors 8000/s --streams 8000 --duration 5m --seed 7 \
            --quiet --json "$NOMAD_ALLOC_DIR/part.json" --wrong "$NOMAD_ALLOC_DIR/wrong"
          [ "$?" -le 1 ]
        EOT
      }

      template {
        destination = "${NOMAD_SECRETS_DIR}/key"
        data        = "{{ with nomadVar \"nomad/jobs/lamplighter\" }}{{ .key }}{{ end }}"
      }

      template {
        destination = "${NOMAD_SECRETS_DIR}/token"
        data        = "{{ with nomadVar \"nomad/jobs/lamplighter\" }}{{ .token }}{{ end }}"
      }
    }
  }
}
